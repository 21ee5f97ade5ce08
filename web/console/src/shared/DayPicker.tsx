import DatePicker from 'antd/es/date-picker';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';

/** A day, as `YYYY-MM-DD`. */
export function DayPicker({ day, onDay }: { day: string; onDay: (day: string) => void }) {
  const { t } = useTranslation();
  return (
    <DatePicker
      aria-label={t('day.pick')}
      value={dayjs(day)}
      allowClear={false}
      inputReadOnly
      onChange={(d) => {
        if (d) onDay(d.format('YYYY-MM-DD'));
      }}
    />
  );
}

/** An instant in the office's own offset; empty means now. `offset` is like `+08:00`. */
export function InstantPicker({ at, offset, onInstant }: { at: string | null; offset: string; onInstant: (at: string | null) => void }) {
  const { t } = useTranslation();
  return (
    <DatePicker
      aria-label={t('figure.known')}
      placeholder={t('figure.known_now')}
      showTime={{ format: 'HH:mm' }}
      format="YYYY-MM-DD HH:mm"
      value={at ? dayjs(at.slice(0, 19)) : null}
      inputReadOnly
      onChange={(d) => onInstant(d ? `${d.format('YYYY-MM-DDTHH:mm:ss')}${offset}` : null)}
    />
  );
}
