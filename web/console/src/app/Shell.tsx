// What stands on every page: whose office it is, whether it is simulated, which database and clock, who is looking.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, NavLink, Outlet, useLocation } from 'react-router';
import { clockText, useNow } from '@/shared/clock';
import { useAbout, useSession } from '@/shared/about';
import { listen, useLiveUp } from '@/shared/live';
import { useWord } from '@/shared/word';
import { Bare } from './Bare';
import { notices } from './command';
import { DemoBar } from './DemoBar';
import { LanguageSwitch, RoleSwitch } from './Switches';
import './shell.css';

const PAGES: [path: string, key: string][] = [
  ['/', 'nav.desk'],
  ['/side-by-side', 'nav.side'],
  ['/missing', 'nav.missing'],
  ['/contradictions', 'nav.contradictions'],
  ['/figure', 'nav.figure'],
  ['/brief', 'nav.brief'],
  ['/notices', 'nav.notices'],
  ['/units', 'nav.units'],
];

function Clock() {
  const { about } = useAbout();
  return <time className="num">{clockText(useNow(), about.now)}</time>;
}

function Header() {
  const { t, i18n } = useTranslation();
  const word = useWord();
  const { about } = useAbout();
  const session = useSession();
  const office = about.office[i18n.language] ?? about.product;
  useEffect(() => {
    document.title = office;
  }, [office]);
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
          {word('database', about.database)} · <Clock />
        </span>
        <LanguageSwitch />
        {about.login === 'demo' ? <RoleSwitch /> : <NavLink to="/login">{session ? session.name : t('shell.login')}</NavLink>}
      </div>
      <div className="head-row head-nav">
        <nav aria-label={t('shell.pages')}>
          {PAGES.filter(([path]) => (path !== '/notices' || notices) && (path !== '/side-by-side' || about.simulated)).map(([path, key]) => (
            <NavLink key={path} to={path} end={path === '/'}>
              {t(key)}
            </NavLink>
          ))}
        </nav>
        {about.login === 'demo' && <DemoBar />}
      </div>
    </header>
  );
}

export function Shell() {
  const { t } = useTranslation();
  const live = useLiveUp();
  const { pathname, search } = useLocation();
  const { about } = useAbout();
  const session = useSession();
  const client = useQueryClient();
  const account = session?.account;
  // Who may not ask for figures is not told of them; after a login, or as another role, the stream is asked for anew.
  useEffect(() => (account === undefined ? undefined : listen(client, account)), [client, account]);
  // An empty database has nothing to show yet: it begins with its office.
  if (!about.begun && pathname !== '/start') return <Navigate to="/start" replace />;
  if (about.begun && about.login === 'local' && session === null && pathname !== '/login') {
    return <Navigate to={`/login?to=${encodeURIComponent(pathname + search)}`} replace />;
  }
  // Pages of figures have nothing to say before there are units and a form; texts, logins and lists need neither.
  const page = pathname.split('/')[1] ?? '';
  const lacks = about.begun && !['start', 'login', 'notices'].includes(page) && (about.root === '' || (about.form === '' && page !== 'units'));
  return (
    <div className={`shell shell-${pathname.split('/')[1] || 'desk'}`}>
      <Header />
      {!live && (
        <p className="stale" role="status">
          ◆ {t('shell.stale')}
        </p>
      )}
      {lacks ? <Bare /> : <Outlet />}
    </div>
  );
}
