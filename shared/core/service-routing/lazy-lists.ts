/**
 * Lists whose elements are made when they are reached and not kept. Written out rather than as generators, which cost more
 * than most elements do: a fleet has hundreds of thousands of them.
 */

export function lazyList<From, To>(list: readonly From[], make: (element: From, index: number) => To): Iterable<To> {
  return {
    [Symbol.iterator]: () => {
      const elements = list.values();
      let index = 0;
      return {
        next: (): IteratorResult<To> => {
          const element = elements.next();
          if (element.done === true) return end;
          index += 1;
          return { done: false, value: make(element.value, index - 1) };
        },
      };
    },
  };
}

const end = { done: true, value: undefined } as const;

/** One list after the other. */
export function inTurn<T>(...lists: readonly Iterable<T>[]): Iterable<T> {
  return {
    [Symbol.iterator]: () => {
      const rest = lists.values();
      let current: Iterator<T> | undefined;
      const next = (): IteratorResult<T> => {
        for (;;) {
          const result = current?.next();
          if (result !== undefined && result.done !== true) return result;
          const list = rest.next();
          if (list.done === true) return end;
          current = list.value[Symbol.iterator]();
        }
      };
      return { next };
    },
  };
}
