// What stands on every page: whose office it is, whether it is simulated, which database and clock, who is looking.
import { useIsMutating, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, NavLink, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { sessionRead } from '@/api/queries';
import { clockText, useNow } from '@/shared/clock';
import { startOf, useAbout, useMay, useMayInWhole, useRightsKnown, useSeesWhole, useSession } from '@/shared/about';
import { demoBeside } from '@/shared/demo';
import { listen, useLiveUp } from '@/shared/live';
import { ActingBar } from '@/lines/access/acting/ActingBar';
import { useMayAct } from '@/lines/access/acting/who';
import { Refusal, Waiting } from '@/shared/State';
import { useWord } from '@/shared/word';
import { Bare } from './Bare';
import { Certificate } from './Certificate';
import { notices } from './command';
import { DemoBar } from './DemoBar';
import { useHeadingFocus } from './focus';
import { MayNot, NEEDS, OPEN } from './MayNot';
import { LanguageSwitch, RoleSwitch, TAKE_ROLE } from './Switches';
import './shell.css';

const PAGES: [path: string, key: string][] = [
  ['/', 'nav.desk'],
  ['/phone', 'nav.fill'],
  ['/side-by-side', 'nav.side'],
  ['/missing', 'nav.missing'],
  ['/contradictions', 'nav.contradictions'],
  ['/figure', 'nav.figure'],
  ['/brief', 'nav.brief'],
  ['/tasks', 'nav.tasks'],
  ['/notices', 'nav.notices'],
  ['/units', 'nav.units'],
  ['/catalogue', 'nav.catalogue'],
  ['/journal', 'nav.journal'],
  ['/findings', 'nav.findings'],
  ['/outbox', 'nav.outbox'],
  ['/people', 'nav.people'],
  ['/links', 'nav.links'],
];
/** Pages that are found from another one, with a title of their own: which page they stand beside. */
const BESIDE: [path: string, key: string, of: string][] = [
  ['/parties', 'parties.title', '/units'],
  ['/corrections', 'corrections.title', '/'],
  ['/check', 'paper.title', '/figure'],
  ['/measures', 'tasks.measures', '/tasks'],
  ['/roles', 'roles.title', '/people'],
  ['/privacy', 'privacy.title', '/me'],
  ['/me', 'me.title', ''],
  ['/acting', 'acting.title', ''],
  ['/login/oidc', 'oidc.back', ''],
  ['/letter', 'enter.title', ''],
  ['/forgot', 'forgot.title', ''],
];

function Clock() {
  const { about } = useAbout();
  return <time className="num">{clockText(useNow(), about.now)}</time>;
}

/** The pages by name; on a narrow screen the row is moved until the page that is open is in sight. */
function Pages() {
  const { t, i18n } = useTranslation();
  const { about } = useAbout();
  const whole = useSeesWhole();
  const files = useMay('report.file');
  const session = useSession();
  const { pathname } = useLocation();
  // A page that has nothing to show to the reader is not offered.
  const hidden: Record<string, boolean> = { '/notices': !notices, '/side-by-side': !about.simulated, '/brief': !whole, '/phone': !files };
  const may = (needed: string | undefined) => needed === undefined || session?.permissions.includes(needed);
  const offered = PAGES.filter(([path]) => !hidden[path] && may(NEEDS[path.slice(1)]));
  const row = useRef<HTMLElement>(null);
  const moved = useRef('');
  // The row is there once it is known what the reader may open.
  const now = `${pathname} ${i18n.language} ${offered.length}`;
  useEffect(() => {
    const open = row.current?.querySelector<HTMLElement>('.active');
    if (!row.current || !open || moved.current === now) return;
    moved.current = now;
    row.current.scrollLeft = open.offsetLeft - (row.current.clientWidth - open.offsetWidth) / 2;
  }, [now]);
  const beside = BESIDE.find(([path]) => pathname.startsWith(path))?.[2];
  // Who has not reported once today is frozen is missing; before, they still may.
  const name = (key: string) => t(key === 'nav.missing' && about.frozen ? 'nav.missing_frozen' : key);
  return (
    <nav aria-label={t('shell.pages')} ref={row}>
      {offered.map(([path, key]) => (
        <NavLink key={path} to={path} end={path === '/'} className={({ isActive }) => (isActive || path === beside ? 'active' : '')}>
          {name(key)}
        </NavLink>
      ))}
    </nav>
  );
}

/** Who left the demonstration for an operation of their own finds the way back. */
function DemoBack() {
  const { t } = useTranslation();
  const demo = demoBeside();
  if (demo === null) return null;
  return (
    <div className="demo-bar demo-back">
      <a href={demo} data-demo-back>
        ‹ {t('begin.back')}
      </a>
    </div>
  );
}

function Header() {
  const { t, i18n } = useTranslation();
  const word = useWord();
  const { about } = useAbout();
  const session = useSession();
  const runs = useMayInWhole('form.set');
  const acts = useMayAct();
  const { pathname } = useLocation();
  const office = about.office[i18n.language] ?? about.product;
  const page = [...PAGES, ...BESIDE].find(([path]) => path !== '/' && pathname.startsWith(path))?.[1];
  const title = page ? `${t(page)} · ${office}` : office;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <header className="head">
      <div className="head-row">
        <div className="head-title">
          <strong>{office}</strong>
          <span className="head-op">{about.operation_name[i18n.language]}</span>
        </div>
        {about.simulated && (
          <span className="simulated" data-simulated>
            {t('shell.simulated')}
          </span>
        )}
        <span className="head-facts">
          {/* Which store it is says something to who looks after it, and nothing to a clerk. */}
          {runs && <span className="head-db">{`${t('shell.database', { name: word('database', about.database) })} · `}</span>}
          <Clock />
        </span>
        {acts && <NavLink to="/acting" data-act>{t('acting.open')}</NavLink>}
        <LanguageSwitch />
        {about.login === 'demo' ? <RoleSwitch /> : <NavLink to={session ? '/me' : '/login'} data-me>{session ? session.name : t('shell.login')}</NavLink>}
      </div>
      <div className="head-row head-nav">
        {/* Before a login there is no page to go to. */}
        {(session || about.login === 'demo') && <Pages />}
        {about.login === 'demo' ? <DemoBar /> : <DemoBack />}
      </div>
    </header>
  );
}

export function Shell() {
  const { t } = useTranslation();
  const live = useLiveUp();
  const { pathname, search, hash } = useLocation();
  const { about } = useAbout();
  const client = useQueryClient();
  const asked = useQuery({ ...sessionRead(), enabled: about.begun });
  const session = asked.data;
  const account = session?.account;
  const known = useRightsKnown();
  const changing = useIsMutating({ mutationKey: TAKE_ROLE }) > 0;
  const page = pathname.split('/')[1] ?? '';
  // Another day of the brief, another unit of the tree is still the same page: who steps through them keeps the focus.
  useHeadingFocus(page === 'notices' ? pathname : page);
  // Who may not ask for figures is not told of them; after a login, or as another role, the stream is asked for anew.
  useEffect(() => (account === undefined ? undefined : listen(client, account)), [client, account]);
  // An empty database has nothing to show yet: it begins with its office.
  if (!about.begun && pathname !== '/start') return <Navigate to="/start" replace />;
  if (about.begun && about.login === 'local' && session === null && !OPEN.includes(page)) {
    return <Navigate to={`/login?to=${encodeURIComponent(pathname + search + hash)}`} replace />;
  }
  // Pages of figures have nothing to say before there are units and a form; texts, logins and lists need neither.
  const lacks = about.begun && pathname !== '/units/book' && !['start', 'notices', 'parties', 'journal', 'people', 'roles', 'privacy', 'me', 'acting', ...OPEN].includes(page) && (about.root === '' || (about.form === '' && page !== 'units' && page !== 'catalogue'));
  // What their roles do not open is said, not shown empty; who keeps accounts and reads no figures begins with those.
  const needed = NEEDS[page];
  const lacking = session && needed !== undefined && !session.permissions.includes(needed);
  if (lacking && page === '' && startOf(session.permissions) !== '/') return <Navigate to={startOf(session.permissions)} replace />;
  return (
    <div className={`shell shell-${page || 'desk'}`}>
      <a className="skip" href="#content">
        {t('shell.skip')}
      </a>
      <Header />
      <ActingBar account={session === undefined ? undefined : (account ?? null)} />
      {!live && (
        <p className="stale" role="status">
          ◆ {t('shell.stale')}
        </p>
      )}
      <Certificate />
      <div id="content" tabIndex={-1}>
        {/* Another account's page is another page, from the beginning; until it is there, no page of the last one asks anything. */}
        {changing ? (
          <Waiting />
        ) : about.begun && (session === undefined || !known) ? (
          asked.isError ? <Refusal error={asked.error} retry={() => void asked.refetch()} /> : <Waiting />
        ) : session && lacking ? (
          <MayNot session={session} />
        ) : lacks ? (
          <Bare />
        ) : (
          <Outlet key={OPEN.includes(page) ? page : account} />
        )}
      </div>
      <ScrollRestoration />
    </div>
  );
}
