import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';
import { useAbout } from '@/shared/about';
import { LanguageSwitch } from './Switches';
import './shell.css';

/** The frame of whoever holds a link: whose office it is, and in which language. No menu, no account, no event stream. */
export function LinkShell() {
  const { t, i18n } = useTranslation();
  const { about } = useAbout();
  const office = about.office[i18n.language] ?? about.product;
  const title = `${t('nav.fill')} · ${office}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <div className="fill-page">
      <header className="fill-head">
        <strong>{office}</strong>
        {about.simulated && (
          <span className="simulated" data-simulated>
            {t('shell.simulated')}
          </span>
        )}
        <LanguageSwitch />
      </header>
      <Outlet />
    </div>
  );
}
