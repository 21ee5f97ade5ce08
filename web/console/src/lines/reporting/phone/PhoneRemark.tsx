import { useTranslation } from 'react-i18next';

type Props = { element: string; name: string; value: string; onValue: (why: string) => void };

/** The reason that a rule of the form asks, at the field where it does. */
export function PhoneRemark({ element, name, value, onValue }: Props) {
  const { t } = useTranslation();
  return (
    <label className="phone-field">
      <span className="phone-label">
        {t('phone.remark', { name })}
        <span className="red"> *</span>
      </span>
      <textarea rows={2} maxLength={400} value={value} onChange={(e) => onValue(e.target.value)} data-remark={element} />
    </label>
  );
}
