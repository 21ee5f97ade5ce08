// One conjecture: what stands there, what is proposed, why, and a person's word on it.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conjecture } from '@/api/notices';
import { Mark, type Tone } from '@/shared/Mark';
import { Refusal } from '@/shared/State';

const TONE: Record<Conjecture['state'], Tone> = { open: 'warn', accepted: 'good', refused: 'quiet' };
const WIDTH_PX = 360;

/**
 * Under its mark on a desk, or above it where there is no room; on a phone the style sheet docks it at the bottom.
 * `seek` brings the mark into view first.
 */
function usePlace(frame: HTMLElement, card: React.RefObject<HTMLElement | null>, n: number, seek: boolean) {
  const [place, setPlace] = useState({ top: 0, left: 0 });
  useLayoutEffect(() => {
    const mark = frame.querySelector<HTMLElement>(`[data-cj="${n}"]`);
    if (!mark) return undefined;
    const put = () => {
      const [a, f] = [mark.getBoundingClientRect(), frame.getBoundingClientRect()];
      const height = (card.current?.offsetHeight ?? 0) + 8;
      const above = a.bottom + height > window.innerHeight && a.top > height;
      setPlace({ top: above ? a.top - f.top - height : a.bottom - f.top + 8, left: Math.max(8, Math.min(a.left - f.left - 24, f.width - WIDTH_PX - 8)) });
    };
    if (seek) mark.scrollIntoView({ block: 'center' });
    put();
    window.addEventListener('resize', put);
    return () => window.removeEventListener('resize', put);
  }, [frame, card, n, seek]);
  return place;
}

export function ConjectureCard(props: {
  conjecture: Conjecture;
  count: number;
  frame: HTMLElement;
  seek: boolean;
  may: boolean;
  busy: boolean;
  error: unknown;
  onDecide: (decision: 'accept' | 'refuse') => void;
  onNext: (() => void) | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { conjecture: c, may, busy, error, onDecide, onNext, onClose } = props;
  const dialog = useRef<HTMLDivElement>(null);
  const place = usePlace(props.frame, dialog, c.n, props.seek);
  useEffect(() => dialog.current?.focus({ preventScroll: true }), []);
  return (
    <div
      ref={dialog}
      className="card cj-card"
      role="dialog"
      aria-label={t('notice.cj.title', { n: c.n, all: props.count })}
      tabIndex={-1}
      style={{ top: place.top, left: place.left, width: WIDTH_PX }}
      onKeyDown={(e) => e.key === 'Escape' && onClose()}
    >
      <header>
        <span className="num">{t('notice.cj.title', { n: c.n, all: props.count })}</span>
        <Mark tone={TONE[c.state]}>{t(`notice.cj.${c.state}`)}</Mark>
        <button type="button" className="cj-close" aria-label={t('notice.cj.close')} onClick={onClose}>
          ×
        </button>
      </header>
      <p className="cj-change" lang="zh-Hans">
        {c.original ? <s>{c.original}</s> : <span className="faint">{t('notice.cj.nothing')}</span>} → <b>{c.proposed}</b>
        <span className="cj-phrase">{c.phrase}</span>
      </p>
      <p>{c.reason}</p>
      {c.decided_at && (
        <p className="small faint num">
          {c.decided_by} · {c.decided_at.slice(0, 16).replace('T', ' ')}
        </p>
      )}
      {error !== null && error !== undefined && <Refusal error={error} />}
      <div className="cj-acts">
        <button type="button" className="act" disabled={!may || busy || c.state === 'accepted'} onClick={() => onDecide('accept')} data-accept>
          {t('notice.cj.accept')}
        </button>
        <button type="button" className="plain" disabled={!may || busy || c.state === 'refused'} onClick={() => onDecide('refuse')} data-refuse>
          {t('notice.cj.refuse')}
        </button>
        {onNext && (
          <button type="button" className="plain cj-next" onClick={onNext}>
            {t('notice.cj.next')}
          </button>
        )}
      </div>
      {!may && <p className="small faint">{t('notice.cj.may_not')}</p>}
    </div>
  );
}
