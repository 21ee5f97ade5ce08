import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { formRead } from '@/api/queries';
import type { ImportReport } from '@/api/generated.schemas';
import { useAbout, useMay } from '@/shared/about';
import { count } from '@/shared/format';
import { useNamed } from '@/shared/names';
import { KeptAt } from './KeptAt';

/** The command line that opens a clerk's account, as far as a page knows where the operation is kept. */
function AccountLine() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const store = about.kept || about.database !== 'postgres' ? t('start.store_file', { file: about.kept?.database ?? t('start.file') }) : t('start.store_postgres');
  return (
    <>
      <p>
        {t('start.next_accounts_sub')} {!about.kept && t(about.database === 'postgres' ? 'start.next_accounts_postgres' : 'start.next_accounts_file')}
      </p>
      <code data-next="accounts">{t('start.next_accounts_line', { program: about.kept?.program ?? 'muster', store })}</code>
    </>
  );
}

/** What became of the list, and what comes next: links for the units, to fill in, to see what is asked, to let the clerks in. */
export function Imported({ report, onAgain }: { report: ImportReport; onAgain: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const named = useNamed();
  const links = useMay('link.issue') && about.form !== '';
  const form = useQuery({ ...formRead(about.form, about.today), enabled: about.form !== '' }).data;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <main className="page page-narrow" data-imported>
      <h1 ref={heading} tabIndex={-1}>
        {t('start.done', { count: report.added })}
      </h1>
      <p className="faint num">{t('start.done_rest', { changed: count(report.changed), closed: count(report.closed), refused: count(report.refused) })}</p>
      <ol className="card start-next">
        {links && (
          <li>
            <Link className="act" to="/links" data-next="links">
              {t('start.next_links')}
            </Link>
            <p>{t('start.next_links_sub')}</p>
          </li>
        )}
        {about.form !== '' && (
          <li>
            <Link className="act" to="/phone" data-next="fill">
              {t('start.next_fill')}
            </Link>
            <p>{t('start.next_fill_sub')}</p>
          </li>
        )}
        <li>
          <Link className="act" to={about.form === '' ? '/catalogue' : '/catalogue?show=assignments'} data-next="asked">
            {t('nav.catalogue')}
          </Link>
          <p>{form ? t('start.next_asked_form', { form: named(form.names) }) : t(about.form === '' ? 'start.next_nothing_asked' : 'start.next_asked')}</p>
        </li>
        <li>
          <strong>{t('start.next_accounts')}</strong>
          <p>
            <Link to="/people/add" data-next="people">
              {t('start.next_accounts_page')}
            </Link>
          </p>
          <AccountLine />
        </li>
        {about.kept && (
          <li>
            <KeptAt kept={about.kept} />
          </li>
        )}
        <li>
          <Link to="/">{t('nav.desk')}</Link> · <Link to="/units">{t('nav.units')}</Link> ·{' '}
          <button type="button" className="plain" onClick={onAgain}>
            {t('start.again')}
          </button>
        </li>
      </ol>
    </main>
  );
}
