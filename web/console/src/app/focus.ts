// A page that is opened by a link is announced by its heading: focus goes there, as it would with a page of its own.
import { useEffect, useRef } from 'react';

/** So long a page may take to draw its heading, or to draw it anew; slower ones leave the focus where it is. */
const WAIT_MS = 5_000;

function take(): Element | null {
  const heading = document.querySelector<HTMLElement>('main h1');
  if (!heading) return null;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  return heading;
}

/** Moves the focus to the main heading whenever another page is opened; the first page leaves it to the browser. */
export function useHeadingFocus(page: string): void {
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return undefined;
    shown.current = page;
    const before = document.activeElement;
    let heading = take();
    // While its data come, a page may have no heading, or one that is taken away again with the focus.
    const seen = new MutationObserver(() => {
      const now = document.activeElement;
      if (now === heading) return;
      if (now === document.body || now === before) heading = take();
      // Who has gone on meanwhile is not called back.
      else seen.disconnect();
    });
    seen.observe(document.body, { childList: true, subtree: true });
    const timer = setTimeout(() => seen.disconnect(), WAIT_MS);
    return () => {
      clearTimeout(timer);
      seen.disconnect();
    };
  }, [page]);
}
