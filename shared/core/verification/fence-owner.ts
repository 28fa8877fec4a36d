/** Owner in the ownership TXT of a record that this product holds itself: no ExternalDNS touches a record of another owner. */
export const fenceOwner = "service-router";
