import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { linkClose } from '@/api/generated';
import type { LinkOpened } from '@/api/generated.schemas';
import { Problem } from '@/api/http';
import { linkRead, noLink, sheetRead } from '@/api/queries';
import { useAbout } from '@/shared/about';
import { useDayText } from '@/shared/format';
import { Nothing, Refusal } from '@/shared/State';
import { PhoneDay } from '../phone/PhoneDay';

/** Who used somebody else's telephone leaves nothing open on it. */
function Close({ link, onClosed }: { link: LinkOpened; onClosed: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const close = useMutation({
    mutationFn: () => linkClose(),
    onSuccess: () => {
      onClosed();
      for (const kept of Object.keys(sessionStorage)) if (kept.startsWith('muster.draft.')) sessionStorage.removeItem(kept);
      client.setQueryData(linkRead().queryKey, noLink('link.needed'));
      client.removeQueries({ queryKey: ['live'] });
    },
  });
  return (
    <details className="fill-close">
      <summary>{t('fill.about')}</summary>
      <p className="num">{t('fill.until', { when: link.expires_at.slice(0, 16).replace('T', ' ') })}</p>
      <p>{t('fill.close_sub')}</p>
      {close.isError && <Refusal error={close.error} />}
      <button type="button" className="phone-second" disabled={close.isPending} onClick={() => close.mutate()} data-close>
        {t('fill.close')}
      </button>
    </details>
  );
}

/** Today of the link's unit, or yesterday, where the unit was open on it. */
export function FillDay({ link, onClosed }: { link: LinkOpened; onClosed: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const dayText = useDayText();
  const yesterday = dayjs(about.today).subtract(1, 'day').format('YYYY-MM-DD');
  const days: [string, string][] = [...(link.yesterday ? [['yesterday', yesterday] as [string, string]] : []), ['today', about.today]];
  const [asked, setAsked] = useState('today');
  const [which, day] = days.find(([name]) => name === asked) ?? days.at(-1)!;
  const at = { day, form: link.form };
  const { data: sheet, error } = useQuery(sheetRead(link.unit_code, at, true));
  // A day on which this unit was not there yet, or nothing was asked, is no fault of whoever looks at it.
  const nothing = error instanceof Problem && error.status === 404 ? error.body.title : null;
  const none = sheet?.status === 'not_asked' && sheet.revision === 0 ? t('phone.not_asked', { unit: link.unit_name }) : nothing;
  return (
    <>
      <h1 className="visually-hidden">{`${t('nav.fill')} · ${link.unit_name}`}</h1>
      <div className="fill-days" role="group" aria-label={t('fill.day')}>
        {days.map(([name, on]) => (
          <button key={on} type="button" aria-pressed={name === which} onClick={() => setAsked(name)} data-day={name}>
            {t(`phone.${name}`)} <span className="faint num">{dayText(on)}</span>
          </button>
        ))}
      </div>
      {none !== null ? <Nothing>{none}</Nothing> : <PhoneDay key={at.day} unit={link.unit_code} at={at} link />}
      <Close link={link} onClosed={onClosed} />
    </>
  );
}
