// Changing a unit: which of the six things, from which day on; what it would do first, and only then doing it.
import { useQuery } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { unitAt } from '@/api/queries';
import { useAbout, useMay, useOwnUnit } from '@/shared/about';
import { useAddress } from '@/shared/address';
import { Since } from '@/shared/fields';
import { Show } from '@/shared/State';
import { AddForm } from './change/AddForm';
import { FactsForm } from './change/FactsForm';
import { CloseForm, MergeForm, MoveForm } from './change/MoveForm';
import type { FormProps } from './change/parts';
import { SplitForm } from './change/SplitForm';

const FORMS: Record<string, (props: FormProps) => React.ReactNode> = { facts: FactsForm, add: AddForm, move: MoveForm, merge: MergeForm, split: SplitForm, close: CloseForm };

/** By which a unit ends. */
const ENDS = new Set(['merge', 'split', 'close']);

export default function Change() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const own = useOwnUnit('unit.change');
  const { code = own } = useParams();
  const [params, change] = useAddress();
  const asked = params.get('do') ?? '';
  const act = asked in FORMS ? asked : 'facts';
  // Who reported today is there today.
  const tomorrow = dayjs(about.today).add(1, 'day').format('YYYY-MM-DD');
  const given = params.get('day');
  const day = given ?? (ENDS.has(act) ? tomorrow : about.today);
  const Form = FORMS[act]!;
  const at = useQuery(unitAt(code, day));
  const back = `/units/${encodeURIComponent(code)}?day=${day}`;
  const onDay = (next: string) => change({ day: next });
  const name = at.data?.unit.name ?? code;
  const may = useMay('unit.change', at.data && [...at.data.unit.path.map((p) => p.code), code]);
  return (
    <main className="page page-narrow">
      <Link to={`/units/${encodeURIComponent(code)}`}>‹ {name}</Link>
      <h1>{t('change.title', { name })}</h1>
      {!may ? (
        <p>{t('change.may_not')}</p>
      ) : (
        <>
          <nav className="change-kinds" aria-label={t('change.kinds')}>
            {Object.keys(FORMS).map((key) => (
              <Link key={key} to={`?do=${key}${given ? `&day=${given}` : ''}`} replace aria-current={key === act ? 'page' : undefined} data-kind={key}>
                {t(`change.do.${key}`)}
              </Link>
            ))}
          </nav>
          <p className="faint">{t(`change.about.${act}`, { name })}</p>
          {at.isError && <Since day={day} onDay={onDay} />}
          <Show query={at}>{(d) => <Form key={`${act}${code}`} at={d} day={day} onDay={onDay} anew={() => at.refetch()} back={back} />}</Show>
          {act === 'add' && about.login !== 'demo' && (
            <p>
              <Link to="/start">{t('units.import')}</Link>
            </p>
          )}
        </>
      )}
    </main>
  );
}
