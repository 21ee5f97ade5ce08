import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useAbout, useAt, useSession } from '@/shared/about';
import { Nothing, Waiting } from '@/shared/State';
import { PhoneDay } from './phone/PhoneDay';

/** The day of a small unit: the one that the address names, or the reader's own, or the demonstration's site. */
export default function Phone() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const session = useSession();
  const at = useAt();
  const [params] = useSearchParams();
  if (session === undefined) return <Waiting />;
  const own = session && session.unit_code !== '' && session.unit_code !== about.root ? session.unit_code : undefined;
  const unit = params.get('unit') ?? own ?? about.roles.find((r) => r.id === 'clerk')?.unit_code;
  return (
    <main className="phone-page">
      <h1 className="visually-hidden">{t('nav.phone')}</h1>
      {unit ? <PhoneDay key={unit} unit={unit} at={at} /> : <Nothing>{t('phone.no_unit')}</Nothing>}
    </main>
  );
}
