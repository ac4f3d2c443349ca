// What came to browsers after Safari 13 and Chrome 74, taken away before the scripts of a page run.
for (const name of ['trustedTypes', 'structuredClone', 'BigInt', 'ResizeObserver', 'requestIdleCallback', 'queueMicrotask',
  'globalThis', 'WeakRef', 'AggregateError', 'CompressionStream', 'speechSynthesis', 'SpeechSynthesisUtterance']) delete window[name];
for (const [owner, names] of [
  [Array.prototype, ['at', 'flat', 'flatMap', 'findLast', 'toSorted', 'with']], [String.prototype, ['at', 'replaceAll', 'matchAll']],
  [Object, ['fromEntries', 'hasOwn', 'groupBy']], [Promise, ['allSettled', 'any', 'withResolvers']],
  [Element.prototype, ['replaceChildren', 'checkVisibility', 'getHTML']], [crypto.__proto__, ['randomUUID', 'subtle']],
  [Navigator.prototype, ['serviceWorker', 'locks', 'storage', 'clipboard', 'userAgentData']], [AbortSignal, ['timeout', 'any']],
  [HTMLElement.prototype, ['popover', 'inert']],
]) for (const name of names) delete owner[name];
const focus = HTMLElement.prototype.focus; // without preventScroll
HTMLElement.prototype.focus = function () { focus.call(this); };
Element.prototype.scrollIntoView = function () { throw new Error('only whole numbers of screens'); };
