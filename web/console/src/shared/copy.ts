// Copying to a chat. The clipboard interface needs HTTPS, and an office network is often plain HTTP: there the old way is used.
import { useState } from 'react';

async function copy(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard && window.isSecureContext) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused by the browser: the old way may still be allowed.
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

export type Copied = 'no' | 'yes' | 'failed';

/** Copies, and remembers for three seconds that it did. */
export function useCopy(): [Copied, (text: string) => void] {
  const [state, setState] = useState<Copied>('no');
  return [
    state,
    (text) => {
      void copy(text).then((done) => {
        setState(done ? 'yes' : 'failed');
        setTimeout(() => setState('no'), 3000);
      });
    },
  ];
}
