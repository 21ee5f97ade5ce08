import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { sheetRead } from '@/api/queries';
import { useAbout, useAt, useMay, useOwnUnit, useSession } from '@/shared/about';
import { Nothing } from '@/shared/State';
import { PhoneDay } from './phone/PhoneDay';
import { PhoneUnits } from './phone/PhoneUnits';

/**
 * The day of a unit, and the choice among those that the reader files for: the one that the address names, or the reader's
 * own; who looks at the whole of the demonstration is shown its site.
 */
export default function Phone() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const may = useMay('report.file');
  const own = useOwnUnit('report.file');
  const session = useSession();
  const at = useAt();
  const [params] = useSearchParams();
  const site = own === about.root ? about.roles.find((r) => r.id === 'clerk')?.unit_code : undefined;
  const unit = params.get('unit') ?? site ?? own;
  const sheet = useQuery({ ...sheetRead(unit, at), enabled: may }).data;
  // Nothing is asked of a group's own office, say: then it is about those below.
  const none = sheet?.status === 'not_asked' && sheet.revision === 0;
  return (
    <main className="phone-page">
      <h1 className="visually-hidden">{t('nav.fill')}</h1>
      {may ? (
        <div className="phone-column">
          <PhoneUnits key={`${unit} ${none}`} own={own} unit={unit} at={at} open={none} />
          {none ? <Nothing>{t('phone.not_asked', { unit: sheet.unit.name })}</Nothing> : <PhoneDay key={unit} unit={unit} at={at} />}
        </div>
      ) : (
        <Nothing>{t(session ? 'phone.may_not' : 'phone.no_unit')}</Nothing>
      )}
    </main>
  );
}
