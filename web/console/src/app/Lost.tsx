import { useTranslation } from 'react-i18next';
import { isRouteErrorResponse, Link, useRouteError } from 'react-router';

/** No such page, or a page that failed to load (a newer version was installed while this one was open). */
export function Lost() {
  const { t } = useTranslation();
  const error = useRouteError();
  // A page that does not exist is drawn without any error at all.
  const failed = error !== undefined && error !== null && !isRouteErrorResponse(error);
  return (
    <main className="page">
      <h1>{failed ? t('lost.failed') : t('lost.title')}</h1>
      {failed && (
        <>
          <p>{t('lost.why')}</p>
          <details className="faint small">
            <summary>{t('lost.details')}</summary>
            {error instanceof Error ? error.message : String(error)}
          </details>
        </>
      )}
      <p>
        {failed ? (
          <button type="button" className="plain" onClick={() => location.reload()}>
            {t('lost.reload')}
          </button>
        ) : (
          <Link to="/">{t('lost.home')}</Link>
        )}
      </p>
    </main>
  );
}
