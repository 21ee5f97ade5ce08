import { useTranslation } from 'react-i18next';
import { timeOf } from '@/shared/clock';
import { count } from '@/shared/format';
import { Mark } from '@/shared/Mark';
import type { At } from '@/api/queries';
import { PaperTools } from '../PaperTools';
import type { Filed } from '../useFile';

/** The number to give on the telephone, the time, and every level above as it stood at that moment. */
export function PhoneReceipt({ filed, at, link, onDone }: { filed: Filed; at: At; link?: boolean; onDone: () => void }) {
  const { t } = useTranslation();
  const { receipt, levels, over } = filed;
  return (
    <div className="phone-receipt" role="status">
      <p className="phone-ok" aria-hidden="true">
        ✓
      </p>
      <h2>{t('phone.received')}</h2>
      <p className="phone-number num" data-receipt>
        {receipt.receipt}
      </p>
      <p className="num">
        {timeOf(receipt.at, true)} · {t(`act.${receipt.act}`)} ·{' '}
        <Mark tone={receipt.on_time ? 'good' : 'warn'}>{t(receipt.on_time ? 'phone.on_time' : 'phone.late')}</Mark>
      </p>
      {receipt.revision > 1 && <p className="small">{t('phone.revision', { n: receipt.revision })}</p>}
      {receipt.findings?.map((f) => (
        <p key={f.code + (f.field ?? '')} className="mark-warn small">
          ◆ {f.message}
        </p>
      ))}
      <ul className="phone-up">
        {over.map((u) => (
          <li key={u.code} data-over={u.code}>
            <span>{u.name}</span>
            <span className="faint">{t('phone.over')}</span>
          </li>
        ))}
        {levels.map((l) => (
          <li key={l.node.code} data-level={l.node.code}>
            <span>{l.node.name}</span>
            <span className="num">
              {t('phone.counted', { n: `${count(l.rates.actual)}/${count(l.rates.expected)}` })}
            </span>
          </li>
        ))}
      </ul>
      <PaperTools unit={receipt.unit} at={at} link={link} />
      <button type="button" className="phone-second" onClick={onDone}>
        {t('phone.done')}
      </button>
    </div>
  );
}
