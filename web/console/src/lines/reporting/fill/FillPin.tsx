import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { linkOpen } from '@/api/generated';
import type { LinkOpened } from '@/api/generated.schemas';
import { Problem } from '@/api/http';
import { leftText } from '@/shared/clock';
import { Refusal } from '@/shared/State';
import { plainDigits } from '../phone/fields';
import { FillWords } from './FillWords';

const DIGITS = 6;

/** Milliseconds that are left of a wait of so many seconds, counted from when it was said. */
function useLeft(wait: { s: number; at: number } | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (wait === null) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [wait]);
  return wait === null ? 0 : Math.max(0, wait.at + wait.s * 1000 - Math.max(now, wait.at));
}

/** Asks the PIN, that came by another way than the link; says whose link it is, and how long one waits after wrong ones. */
export function FillPin({ token, link, waitS, onOpen }: { token: string; link: LinkOpened | undefined; waitS: number | null; onOpen: (link: LinkOpened) => void }) {
  const { t } = useTranslation();
  const [pin, setPin] = useState('');
  const [wait, setWait] = useState(() => (waitS === null ? null : { s: waitS, at: Date.now() }));
  const field = useRef<HTMLInputElement>(null);
  const left = useLeft(wait);
  const open = useMutation({
    mutationFn: () => linkOpen({ token, pin }),
    onSuccess: onOpen,
    onError: (e) => {
      if (e instanceof Problem && e.unanswered) return;
      setPin('');
      if (e instanceof Problem && e.status === 429 && e.retryAfterS !== null) setWait({ s: e.retryAfterS, at: Date.now() });
      field.current?.focus();
    },
  });
  const refused = open.error instanceof Problem ? open.error : null;
  if (refused && (refused.status === 404 || refused.status === 409)) return <FillWords name="gone" why={refused.body.title} />;
  const wrong = refused?.body.code === 'link.pin';
  const ready = pin.length === DIGITS && left === 0 && !open.isPending;
  return (
    <form
      className="fill-card phone-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (ready) open.mutate();
      }}
      data-pin
    >
      <h1>{link?.unit_name || t('fill.title')}</h1>
      {link && <p className="faint num">{t('fill.until', { when: link.expires_at.slice(0, 16).replace('T', ' ') })}</p>}
      <label className="phone-field">
        <span className="phone-label">{t('fill.pin')}</span>
        <input
          ref={field}
          className="fill-digits num"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={2 * DIGITS}
          value={pin}
          onChange={(e) => setPin(plainDigits(e.target.value).replace(/\D/g, '').slice(0, DIGITS))}
          aria-invalid={(wrong && pin === '') || undefined}
          aria-describedby="fill-said"
        />
      </label>
      <div id="fill-said" role="alert">
        {left > 0 ? <p className="mark-bad">▲ {t('fill.wait')}</p> : wrong && pin === '' && !open.isPending ? <p className="mark-bad">▲ {t('fill.wrong')}</p> : null}
      </div>
      {left > 0 && (
        <p className="fill-left num" role="timer" data-left>
          {leftText(left + 999)}
        </p>
      )}
      {open.isError && !wrong && refused?.status !== 429 && <Refusal error={open.error} />}
      <button type="submit" className="phone-main" disabled={!ready} data-open>
        {t('fill.open')}
      </button>
      <p className="small fill-hint">{t('fill.pin_sub')}</p>
    </form>
  );
}
