// What the libraries call and Chrome 88 does not have. Found by searching the built files; nothing else is needed.
/* oxlint-disable no-extend-native */
function define(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

function at<T>(this: ArrayLike<T>, index: number): T | undefined {
  const i = Math.trunc(index) || 0;
  return this[i < 0 ? this.length + i : i];
}

define(Array.prototype, 'at', at);
define(String.prototype, 'at', at);
define(Object, 'hasOwn', (o: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(o, key));
define(Array.prototype, 'findLast', function findLast<T>(this: T[], test: (x: T, i: number, all: T[]) => unknown) {
  for (let i = this.length - 1; i >= 0; i -= 1) if (test(this[i]!, i, this)) return this[i];
  return undefined;
});
define(Array.prototype, 'findLastIndex', function findLastIndex<T>(this: T[], test: (x: T, i: number, all: T[]) => unknown) {
  for (let i = this.length - 1; i >= 0; i -= 1) if (test(this[i]!, i, this)) return i;
  return -1;
});
