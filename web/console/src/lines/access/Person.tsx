// One account: its roles, how its person comes in, its end, and what was done with it.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { AccountBody } from '@/api/generated.schemas';
import { accountHistory, accountRead } from '@/api/queries';
import { useAbout, useMay, useSession } from '@/shared/about';
import { Show } from '@/shared/State';
import { Entries } from './Entries';
import { OidcOf } from './oidc/OidcOf';
import { ComesIn } from './person/ComesIn';
import { EndAccount } from './person/EndAccount';
import { Erase } from './person/Erase';
import { GiveForm } from './person/GiveForm';
import { Grants } from './person/Grants';
import { State, useDays } from './seats';
import '@/shared/deed.css';
import './people.css';

function Facts({ a }: { a: AccountBody }) {
  const { t } = useTranslation();
  const days = useDays();
  const facts: [string, React.ReactNode][] = [
    [t('people.unit'), a.unit_name ? `${a.unit_name} ${a.unit_code}` : t('people.no_unit')],
    [t('people.days'), days(a.since, a.until)],
    [t('people.person'), <State key="state" a={a} />],
    [t('person.reference'), <span key="reference" className="num person-reference">{a.reference}</span>],
  ];
  return (
    <dl className="person-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function One({ a }: { a: AccountBody }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const keeps = useMay('account.set');
  const gives = useMay('grant.give');
  const own = useSession()?.account === a.id;
  const ended = Boolean(a.until && a.until <= about.today);
  const history = useQuery(accountHistory(a.id));
  return (
    <>
      <section className="card card-pad">
        <h1>{a.name ?? t('people.erased')}</h1>
        <Facts a={a} />
        {own && <p className="faint">{t('person.own')}</p>}
      </section>
      <section className="card card-pad" data-grants>
        <h2>{t('people.roles')}</h2>
        <Grants a={a} gives={gives} />
        {gives && !own && !ended && <GiveForm a={a} />}
      </section>
      {keeps && !own && !ended && (
        <>
          <ComesIn a={a} />
          <EndAccount a={a} />
        </>
      )}
      {keeps && !own && a.name && <Erase a={a} />}
      {about.login === 'local' && !ended && <OidcOf a={a} keeps={keeps && !own} />}
      <section className="card">
        <h2 className="card-pad">{t('person.history')}</h2>
        <Show query={history}>{(d) => <Entries entries={d.items} />}</Show>
      </section>
    </>
  );
}

export default function Person() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useQuery(accountRead(id));
  return (
    <main className="page page-narrow person">
      <Link to="/people">‹ {t('people.title')}</Link>
      <Show query={query}>{(a) => <One key={a.id} a={a} />}</Show>
    </main>
  );
}
