import { Trans, useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Desk } from '@/api/generated.schemas';
import { leftText, timeOf, useNow } from '@/shared/clock';
import { count, useDayText, whose } from '@/shared/format';
import { Tick } from '@/shared/Tick';

/** Minutes and seconds to the cut-off, counting; after it, that it is past; after the close, that the day is frozen. */
export function CutOff({ cutOff, frozen }: { cutOff: string; frozen: boolean }) {
  const { t } = useTranslation();
  const left = Date.parse(cutOff) - useNow();
  const time = timeOf(cutOff);
  if (frozen) return <span className="num">{t('desk.frozen', { time })}</span>;
  if (left <= 0) return <span className="num">{t('desk.past', { time })}</span>;
  return (
    <span className={left < 15 * 60_000 ? 'num red' : 'num'} data-left>
      {t('desk.left', { time, left: leftText(left) })}
    </span>
  );
}

/** Expected, reported, zero, not reported, time left: the whole state of the day in one sentence. */
export function DeskSentence({ desk }: { desk: Desk }) {
  const { t } = useTranslation();
  const dayText = useDayText();
  const { zero, missing, late } = desk.totals;
  const of = whose(desk.totals);
  const { expected, actual: reported } = desk.totals.rates;
  return (
    <h1 className="desk-sentence">
      <span className="desk-day">{dayText(desk.day)}</span>
      <Trans
        i18nKey="desk.sentence"
        count={expected}
        components={{
          expected: <Tick value={expected} of={of} label="expected" />,
          reported: <Tick value={reported} of={of} label="reported" />,
          zero: <Tick value={zero} of={of} label="zero" />,
          missing: (
            <>
              <Link to={`/missing?day=${desk.day}`} className={missing ? 'desk-missing red' : 'desk-missing'}>
                <Trans
                  i18nKey={desk.frozen ? 'desk.is_missing' : 'desk.not_reported'}
                  components={{ n: <Tick value={missing} of={of} label="missing" /> }}
                />
              </Link>
              {/* Who came after the cut-off is not missing here; in a brief that was frozen before, they still are. */}
              {late > 0 && <span data-late>{t('list.comma') + t('desk.late', { n: count(late) })}</span>}
            </>
          ),
          cutoff: <CutOff cutOff={desk.cut_off} frozen={desk.frozen} />,
        }}
      />
    </h1>
  );
}
