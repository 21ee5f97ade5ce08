import { useTranslation } from 'react-i18next';
import type { SheetBody } from '@/api/generated.schemas';
import { said } from '@/shared/format';
import { enterable } from './fields';

/** Today and yesterday, side by side. What was not said is a dash, never a zero. */
export function PhoneFields({ sheet }: { sheet: SheetBody }) {
  const { t } = useTranslation();
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
        {sheet.fields.filter(enterable).map((f) => (
          <tr key={f.element}>
            <th scope="row">{f.name}</th>
            {f.class === 'text' ? (
              <td colSpan={2}>{said(f.value)}</td>
            ) : (
              <>
                <td className="n faint">{said(f.yesterday)}</td>
                <td className="n">{said(f.value)}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
