// "Start with my own unit list": their workbook, what would come of it, and only then their tree.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { formStarter, getUnitsExportUrl, getUnitsImportUrl, unitColumns } from '@/api/generated';
import type { ImportReport } from '@/api/generated.schemas';
import { request } from '@/api/http';
import { useAbout } from '@/shared/about';
import { count } from '@/shared/format';
import { Refusal } from '@/shared/State';
import { Begin } from './Begin';
import { Findings } from './Findings';
import { Imported } from './Imported';
import { LeaveDemo } from './LeaveDemo';
import { StarterChoice } from './StarterChoice';
import './start.css';

const LIMIT_MIB = 64;

/** A file of units to the server; with `dryRun` it only says what would come of it. */
function importUnits(file: File, dryRun: boolean): Promise<ImportReport> {
  return request<ImportReport>(getUnitsImportUrl({ dry_run: dryRun }), { method: 'POST', body: file, headers: { 'content-type': 'application/octet-stream' } });
}

function Preview({ report }: { report: ImportReport }) {
  const { t } = useTranslation();
  const facts: [string, number][] = [
    ['rows', report.rows],
    ['accepted', report.accepted],
    ['refused', report.refused],
    ['added', report.added],
    ['changed', report.changed],
    ['closed', report.closed],
    ['unchanged', report.unchanged],
  ];
  return (
    <section className="card start-preview" data-preview>
      <dl className="start-counts">
        {facts.map(([key, n]) => (
          <div key={key} className={key === 'refused' && n > 0 ? 'red' : undefined}>
            <dt>{t(`start.${key}`)}</dt>
            <dd className="num">{count(n)}</dd>
          </div>
        ))}
      </dl>
      <Findings report={report} />
    </section>
  );
}

/** What a file may say, so that a stranger can prepare one. */
function Columns() {
  const { t } = useTranslation();
  const columns = useQuery({ queryKey: ['unit-columns'], queryFn: ({ signal }) => unitColumns({ signal }) });
  return (
    <details className="start-columns">
      <summary>{t('start.columns')}</summary>
      <table className="sheet-table card">
        <tbody>
          {columns.data?.items.map((c) => (
            <tr key={c.key}>
              <td>
                {c.names[0]} {c.required && <span className="red">*</span>}
              </td>
              <td className="faint">{c.names.slice(1).concat(c.key).join(t('list.comma'))}</td>
              <td>{c.doc}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** What stands here depends on how far one is: in the demonstration, before the beginning, or with an operation. */
export default function Start() {
  const { about } = useAbout();
  if (about.login === 'demo') return <LeaveDemo />;
  return about.begun ? <OwnUnits /> : <Begin />;
}

function OwnUnits() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [over, setOver] = useState(false);
  const [give, setGive] = useState(true);
  const dry = useMutation({ mutationFn: (f: File) => importUnits(f, true) });
  const real = useMutation({
    mutationFn: async (f: File) => {
      const report = await importUnits(f, false);
      if (about.form === '' && give) await formStarter();
      return report;
    },
    onSuccess: () => client.invalidateQueries(),
  });
  const tooLarge = file !== null && file.size > LIMIT_MIB * 1024 * 1024;
  const take = (f: File | undefined) => {
    if (!f) return;
    setFile(f);
    real.reset();
    if (f.size <= LIMIT_MIB * 1024 * 1024) dry.mutate(f);
  };
  if (real.data) {
    const again = () => {
      setFile(null);
      dry.reset();
      real.reset();
    };
    return <Imported report={real.data} onAgain={again} />;
  }
  return (
    <main className="page page-narrow">
      <h1>{t('start.title')}</h1>
      <p className="faint">{t('start.sub')}</p>
      <p className="card card-pad start-book">
        <Link className="act" to="/units/book" data-book>
          {t('start.book')}
        </Link>{' '}
        <span>{t('start.book_sub')}</span>
      </p>
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
        <input type="file" className="visually-hidden" accept=".xlsx,.xls,.csv,.txt,.ndjson,.et" onChange={(e) => take(e.target.files?.[0])} data-file />
        <strong>{file ? file.name : t('start.choose')}</strong>
        <span className="faint">{t('start.kinds', { n: LIMIT_MIB })}</span>
      </label>
      <Columns />
      <p className="small">
        <a href={getUnitsExportUrl({ format: 'xlsx' })}>{t('start.sample')}</a>
      </p>
      {tooLarge && <p className="mark-bad">▲ {t('start.too_large', { n: LIMIT_MIB })}</p>}
      {dry.isPending && <p role="status">{t('start.looking')}</p>}
      {dry.isError && <Refusal error={dry.error} />}
      {dry.data && file && (
        <>
          <h2 className="start-step">{t('start.preview')}</h2>
          <Preview report={dry.data} />
          {about.form === '' && <StarterChoice give={give} onGive={setGive} />}
          {real.isError && <Refusal error={real.error} />}
          <div className="start-confirm">
            <button type="button" className="act" disabled={dry.data.accepted === 0 || real.isPending} onClick={() => real.mutate(file)} data-import>
              {real.isPending ? t('start.importing') : t('start.import', { count: dry.data.accepted })}
            </button>
            <span className="faint">{dry.data.refused > 0 ? t('start.refused_note', { count: dry.data.refused }) : t('start.nothing_yet')}</span>
          </div>
        </>
      )}
    </main>
  );
}
