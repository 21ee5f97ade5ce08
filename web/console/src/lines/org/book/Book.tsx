// The office's own address book as it is: what each column is taken for, the tree it makes, and only then taken in.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { formStarter } from '@/api/generated';
import { useAbout, useMay } from '@/shared/about';
import { Refusal } from '@/shared/State';
import { Begin } from '../Begin';
import { Findings } from '../Findings';
import { Imported } from '../Imported';
import { LeaveDemo } from '../LeaveDemo';
import { StarterChoice } from '../StarterChoice';
import { BookTable } from './BookTable';
import { BookTree } from './BookTree';
import { changed, lookAt, takeIn, type Said } from './ask';
import '../start.css';
import './book.css';

const LIMIT_MIB = 64;

/** As on the page of prepared lists: it depends on how far one is. */
export default function Book() {
  const { about } = useAbout();
  if (about.login === 'demo') return <LeaveDemo />;
  return about.begun ? <OwnBook /> : <Begin />;
}

function OwnBook() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const may = useMay('unit.change');
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [said, setSaid] = useState<Said>({});
  const [over, setOver] = useState(false);
  const [give, setGive] = useState(true);
  const look = useMutation({ mutationFn: ({ file, said }: { file: File; said: Said }) => lookAt(file, said) });
  const real = useMutation({
    mutationFn: async ({ file, said }: { file: File; said: Said }) => {
      const report = await takeIn(file, said);
      if (about.form === '' && give) await formStarter();
      return report;
    },
    onSuccess: () => client.invalidateQueries(),
  });
  const ask = (f: File, s: Said) => {
    setSaid(s);
    look.mutate({ file: f, said: s });
  };
  const take = (f: File | undefined) => {
    if (!f) return;
    setFile(f);
    real.reset();
    look.reset();
    if (f.size <= LIMIT_MIB * 1024 * 1024) ask(f, {});
  };
  if (real.data) {
    const again = () => {
      setFile(null);
      look.reset();
      real.reset();
    };
    return <Imported report={real.data} onAgain={again} />;
  }
  const seen = look.data;
  return (
    <main className="page book">
      <h1>{t('book.title')}</h1>
      <p className="faint">{t('book.sub')}</p>
      <label
        className={over ? 'card start-drop start-over' : 'card start-drop'}
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          take(e.dataTransfer.files[0]);
        }}
      >
        <input type="file" className="visually-hidden" accept=".xlsx,.xls,.csv,.txt,.et" disabled={!may} onChange={(e) => take(e.target.files?.[0])} data-file />
        <strong>{file ? file.name : t('book.choose')}</strong>
        <span className="faint">{t('book.kinds', { n: LIMIT_MIB })}</span>
      </label>
      <p className="small">
        <Link to="/start">{t('book.prepared')}</Link>
      </p>
      {file && file.size > LIMIT_MIB * 1024 * 1024 && <p className="mark-bad">▲ {t('start.too_large', { n: LIMIT_MIB })}</p>}
      <p role="status">{look.isPending ? t('start.looking') : ''}</p>
      {look.isError && (
        <>
          <Refusal error={look.error} />
          {file && (
            <button type="button" className="plain" onClick={() => ask(file, {})} data-guess>
              {t('book.guess_again')}
            </button>
          )}
        </>
      )}
      {seen && file && (
        <>
          <p className="book-persons">
            {seen.persons > 0 && <strong data-persons>{t('book.persons', { count: seen.persons })}</strong>} {seen.phones_left > 0 && t('book.phones_left', { count: seen.phones_left })}
          </p>
          <div className="book-two">
            <BookTable look={seen} onHeader={(header) => ask(file, { kinds: said.kinds, header })} onRole={(column, role) => ask(file, { ...said, header: seen.header, map: changed(seen.columns, column, role) })} />
            <BookTree look={seen} kinds={said.kinds?.split(',') ?? []} onKinds={(kinds) => ask(file, { ...said, kinds: kinds.join(',') })} />
          </div>
          <details className="card book-findings" open={seen.refused > 0}>
            <summary className="card-pad">{t('book.findings', { count: seen.findings.length + seen.findings_more })}</summary>
            <Findings report={seen} />
          </details>
          {about.form === '' && <StarterChoice give={give} onGive={setGive} />}
          {real.isError && <Refusal error={real.error} />}
          <div className="start-confirm">
            <button type="button" className="act" disabled={seen.accepted === 0 || real.isPending || look.isPending} onClick={() => real.mutate({ file, said: { ...said, header: seen.header, map: seen.map } })} data-import>
              {real.isPending ? t('start.importing') : t('book.take', { count: seen.accepted })}
            </button>
            <span className="faint">{seen.refused > 0 ? t('start.refused_note', { count: seen.refused }) : t('start.nothing_yet')}</span>
          </div>
        </>
      )}
    </main>
  );
}
