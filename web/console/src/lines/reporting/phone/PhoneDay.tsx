// The day of a small unit on one screen: what is due, how long is left, yesterday beside, and nothing to learn.
// Plain elements only: this is read on old telephones, and the same component stands in the side-by-side page.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sheetHistory, sheetRead, type At } from '@/api/queries';
import type { SheetBody } from '@/api/generated.schemas';
import { leftText, timeOf, useNow } from '@/shared/clock';
import { useDayText } from '@/shared/format';
import { StatusMark } from '@/shared/Mark';
import { Refusal, Show } from '@/shared/State';
import { TakenIn } from '../TakenIn';
import { useFile, type Filed } from '../useFile';
import { PhoneFields } from './PhoneFields';
import { PhoneForm } from './PhoneForm';
import { PhoneReceipt } from './PhoneReceipt';
import { PhoneZero } from './PhoneZero';
import './phone.css';

type View = 'day' | 'zero' | 'fill' | 'receipt';

function Due({ sheet }: { sheet: SheetBody }) {
  const { t } = useTranslation();
  const left = Date.parse(sheet.cut_off) - useNow();
  const time = timeOf(sheet.cut_off);
  return (
    <div className="phone-due">
      <div>
        <strong>{sheet.form_name}</strong>
        <span className="faint">{t('phone.due', { time })}</span>
      </div>
      <div className="phone-left num">
        {left > 0 ? (
          <>
            <strong className={left < 15 * 60_000 && sheet.revision === 0 ? 'red' : ''}>{leftText(left)}</strong>
            <span className="faint">{t('phone.left')}</span>
          </>
        ) : (
          <span>{t('phone.past')}</span>
        )}
      </div>
    </div>
  );
}

/** What was sent today, with the receipts to read out on the telephone. */
function Done({ sheet, at, link }: { sheet: SheetBody; at: At; link?: boolean }) {
  const { t } = useTranslation();
  const history = useQuery(sheetHistory(sheet.unit.code, at, link));
  return (
    <ol className="phone-acts">
      {history.data?.revisions.map((r) => (
        <li key={r.receipt}>
          <span>
            {r.revision > 1 ? t('phone.revision', { n: r.revision }) : r.act && t(`act.${r.act}`)} <span className="faint num">{timeOf(r.at)}</span>
            <TakenIn revision={r} />
          </span>
          <span className="num">{r.receipt}</span>
        </li>
      ))}
    </ol>
  );
}

type Props = {
  at: At;
  /** Acts as this role of the demonstration, whoever the page belongs to. */
  role?: string;
  /** It is the unit whose link is open on this device. */
  link?: boolean;
  onFiled?: (filed: Filed) => void;
};

function Day({ sheet, at, role, link, onFiled }: Props & { sheet: SheetBody }) {
  const { t } = useTranslation();
  const dayText = useDayText();
  const [view, setView] = useState<View>('day');
  const [filed, setFiled] = useState<Filed | null>(null);
  const file = useFile(sheet, at, { role, link }, (done) => {
    setFiled(done);
    setView('receipt');
    onFiled?.(done);
  });
  const { reset } = file;
  const back = useCallback(() => {
    reset();
    setView('day');
  }, [reset]);
  const reported = sheet.revision > 0;
  const over = sheet.path.slice(1).map((p) => p.name).join(' / ');
  return (
    <div className="phone">
      <header className="phone-head">
        <strong>{sheet.unit.name}</strong>
        {over !== '' && <span className="faint">{over}</span>}
        <span className="phone-status">
          {dayText(sheet.day)} <StatusMark status={sheet.status} />
        </span>
      </header>
      {view === 'receipt' && filed ? (
        <PhoneReceipt filed={filed} at={at} link={link} onDone={back} />
      ) : view === 'fill' ? (
        <PhoneForm sheet={sheet} onSend={file.mutate} onBack={back} sending={file.isPending} error={file.error} />
      ) : (
        <>
          <Due sheet={sheet} />
          {reported ? (
            <>
              <Done sheet={sheet} at={at} link={link} />
              {sheet.of_another ? (
                <p className="small faint" data-of-another>
                  {t('figure.of_another')}
                </p>
              ) : (
                <button type="button" className="phone-second" onClick={() => setView('fill')} data-correct>
                  {t('phone.correct')}
                </button>
              )}
            </>
          ) : (
            <>
              <button type="button" className="phone-zero" onClick={() => setView('zero')} data-zero>
                <strong>{t('phone.zero')}</strong>
                <span>{t('phone.zero_sub')}</span>
              </button>
              <button type="button" className="phone-second" onClick={() => setView('fill')} data-fill>
                {t('phone.fill')}
              </button>
            </>
          )}
          <PhoneFields sheet={sheet} />
          {view === 'zero' && <PhoneZero sheet={sheet} onSend={file.mutate} onBack={back} sending={file.isPending} error={file.error} />}
          {view === 'day' && file.error && <Refusal error={file.error} />}
        </>
      )}
    </div>
  );
}

export function PhoneDay({ unit, ...props }: Props & { unit: string }) {
  const query = useQuery(sheetRead(unit, props.at, props.link));
  return <Show query={query}>{(sheet) => <Day sheet={sheet} {...props} />}</Show>;
}
