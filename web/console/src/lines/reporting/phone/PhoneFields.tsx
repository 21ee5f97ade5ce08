import { useTranslation } from 'react-i18next';
import type { Sheet } from '@/api/types';
import { count } from '@/shared/format';

/** Today and yesterday, side by side. What was not said is a dash, never a zero. */
export function PhoneFields({ sheet }: { sheet: Sheet }) {
  const { t } = useTranslation();
  const text = new Map(sheet.notes.map((n) => [n.element, n.text]));
  return (
    <table className="phone-fields">
      <thead>
        <tr>
          <th scope="col" aria-label={t('phone.item')} />
          <th scope="col" className="n">
            {t('phone.yesterday')}
          </th>
          <th scope="col" className="n">
            {t('phone.today')}
          </th>
        </tr>
      </thead>
      <tbody>
        {sheet.fields.map((f) => (
          <tr key={f.element}>
            <th scope="row">{f.name}</th>
            {f.class === 'text' ? (
              <td colSpan={2}>{text.get(f.element) ?? '—'}</td>
            ) : (
              <>
                <td className="n faint">{count(f.yesterday)}</td>
                <td className="n">{count(f.value)}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
