/** JSON as data: what Kubernetes and the state store exchange. Readonly, so that it can be shared and frozen. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json | undefined };
