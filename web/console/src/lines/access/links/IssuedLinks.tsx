// What was issued, as it is shown once: cards to hand out, and apart from them the PINs for whoever makes the calls.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useBlocker } from 'react-router';
import { formRead } from '@/api/queries';
import { useAbout, useMay } from '@/shared/about';
import { useNamed } from '@/shared/names';
import { Nothing, Refusal } from '@/shared/State';
import { addressOf, csv, download, type Issued } from './types';

const Code = lazy(() => import('../LetterCode'));

/** So many cards are shown on the page; on paper all are. */
const SHOWN = 4;

type Print = 'cards' | 'pins';

/** Prints one of both: what is handed out, and what is told, lie on papers of their own. */
function usePrinted(): [Print | null, (what: Print) => void] {
  const [printed, setPrinted] = useState<Print | null>(null);
  useEffect(() => {
    const after = () => setPrinted(null);
    addEventListener('afterprint', after);
    return () => removeEventListener('afterprint', after);
  }, []);
  return [
    printed,
    (what) => {
      flushSync(() => setPrinted(what));
      window.print();
    },
  ];
}

/** Who goes away from what is shown once is asked. */
function Leaving() {
  const { t } = useTranslation();
  const blocker = useBlocker(true);
  useEffect(() => {
    const ask = (e: BeforeUnloadEvent) => e.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, []);
  if (blocker.state !== 'blocked') return null;
  return (
    <div className="links-leaving" role="alertdialog" aria-label={t('links.leaving')} data-leaving>
      <p>{t('links.leaving')}</p>
      <p className="change-go">
        <button type="button" className="act" onClick={() => blocker.reset()} data-stay>
          {t('links.stay')}
        </button>
        <button type="button" className="plain" onClick={() => blocker.proceed()} data-leave>
          {t('links.leave')}
        </button>
      </p>
    </div>
  );
}

/** An address that only this machine knows opens nothing on anybody's telephone. */
const isOwnMachine = (host: string) => /^(localhost|127\.|\[::1\])/.test(host);

export function IssuedLinks({ issued, running, again, done }: { issued: Issued; running: boolean; again: () => void; done: () => void }) {
  const { t, i18n } = useTranslation();
  const { about } = useAbout();
  const named = useNamed();
  const reads = useMay('figure.read');
  const [printed, print] = usePrinted();
  const [shown, setShown] = useState(false);
  const asked = useQuery({ ...formRead(issued.form, about.today), enabled: reads && issued.form !== '' }).data;
  const form = asked ? named(asked.names) : issued.form;
  const office = about.office[i18n.language] ?? about.product;
  const until = issued.until.slice(0, 16).replace('T', ' ');
  const { links, wanted } = issued;
  const name = `${wanted.under.code}-${about.today}`;
  return (
    <section className={`links-issued${printed ? ` links-print-${printed}` : ''}`} data-issued={links.length}>
      {links.length > 0 && <Leaving />}
      <div className="card card-pad links-head">
        <h2 role="status">{t(running ? 'links.issuing' : 'links.issued', { n: links.length })}</h2>
        {issued.error && <Refusal error={issued.error} retry={running ? undefined : again} />}
        {!running && !issued.error && links.length === 0 && <Nothing>{t('links.nobody')}</Nothing>}
        {links.length > 0 && (
          <>
            <p className="letter-words">{t(wanted.pin ? 'links.words' : 'links.words_bare')}</p>
            <p className="faint">{t('links.once')}</p>
            {isOwnMachine(location.host) && <p className="mark-warn links-wrap">◆ {t('links.own', { host: location.host })}</p>}
            <p className="change-go">
              <button type="button" className="act" disabled={running} onClick={() => print('cards')} data-print="cards">
                {t('links.print')}
              </button>
              {wanted.pin && (
                <button type="button" className="plain" disabled={running} onClick={() => print('pins')} data-print="pins">
                  {t('links.print_pins')}
                </button>
              )}
              <button
                type="button"
                className="plain"
                disabled={running}
                onClick={() => download(`links-${name}.csv`, csv([['unit', 'name', 'form', 'expires_at', 'id', 'address'], ...links.map((l) => [l.unit_code, l.unit_name, issued.form, issued.until, l.id, addressOf(l.token)])]))}
                data-csv="links"
              >
                {t('links.csv')}
              </button>
              {wanted.pin && (
                <button type="button" className="plain" disabled={running} onClick={() => download(`pins-${name}.csv`, csv([['unit', 'name', 'pin'], ...links.map((l) => [l.unit_code, l.unit_name, l.pin])]))} data-csv="pins">
                  {t('links.csv_pins')}
                </button>
              )}
              {wanted.pin && (
                <button type="button" className="plain" aria-expanded={shown} onClick={() => setShown(!shown)} data-show-pins>
                  {t(shown ? 'links.hide_pins' : 'links.show_pins')}
                </button>
              )}
            </p>
          </>
        )}
        {!running && (
          <p className="change-go">
            <button type="button" className="plain" onClick={done} data-finished>
              {t('links.finished')}
            </button>
          </p>
        )}
      </div>
      {links.length > 0 && (
        <>
          {links.length > SHOWN && <p className="faint links-more">{t('links.shown', { n: SHOWN, all: links.length })}</p>}
          <ul className="links-cards">
            {links.map((l) => (
              <li key={l.id} className="links-card" data-card={l.unit_code} data-address={addressOf(l.token)}>
                <span className="links-code">
                  <Suspense fallback={null}>
                    <Code address={addressOf(l.token)} title={t('links.code', { name: l.unit_name })} />
                  </Suspense>
                </span>
                <span className="links-text">
                  <span>{office}</span>
                  <b>{l.unit_name}</b>
                  <span className="num">{l.unit_code}</span>
                  <span>{form}</span>
                  <span className="num">{t('fill.until', { when: until })}</span>
                  <span>{t(wanted.pin ? 'links.how' : 'links.how_bare')}</span>
                </span>
              </li>
            ))}
          </ul>
          {wanted.pin && (
            <div className={`links-pins${shown ? '' : ' links-pins-paper'}`}>
              <h2>{t('links.pins', { office })}</h2>
              <p className="faint">{t('links.pins_sub')}</p>
              <table className="sheet-table">
                <thead>
                  <tr>
                    <th>{t('links.unit')}</th>
                    <th>{t('units.code')}</th>
                    <th className="n">PIN</th>
                  </tr>
                </thead>
                <tbody>
                  {links.map((l) => (
                    <tr key={l.id}>
                      <td>{l.unit_name}</td>
                      <td className="num">{l.unit_code}</td>
                      <td className="n links-pin" data-pin-of={l.unit_code}>
                        {`${l.pin.slice(0, 3)} ${l.pin.slice(3)}`}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
    </section>
  );
}
