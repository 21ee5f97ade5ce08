// Scans of a report's signed and sealed page: those that are kept, and adding one.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { ScanBody, ScanTaken } from '@/api/generated.schemas';
import { send } from '@/api/http';
import { reportScan, type At } from '@/api/queries';
import { timeOf } from '@/shared/clock';
import { count } from '@/shared/format';
import { Refusal } from '@/shared/State';
import { hand } from './usePrint';
import '@/shared/deed.css';
import './paper.css';

/** The largest file that is taken, in bytes. */
const BYTES_MAX = 10 * 1024 * 1024;

/** The scans of one revision: what, how large, when, and the hash of what is kept. */
export function Scans({ scans, unit, at }: { scans: ScanBody[]; unit: string; at: At }) {
  const { t } = useTranslation();
  const open = useMutation({ mutationFn: (digest: string) => reportScan(unit, at, digest), onSuccess: hand });
  if (scans.length === 0) return null;
  return (
    <>
      <ul className="scans" aria-label={t('paper.scans')}>
        {scans.map((s) => (
          <li key={s.digest} data-scan={s.digest}>
            <button type="button" className="plain scan-file" disabled={open.isPending} onClick={() => open.mutate(s.digest)}>
              {t('paper.scan')} {s.media_type.split('/')[1]!.toUpperCase()}
            </button>
            <span className="num">{t('paper.bytes', { n: count(Math.ceil(s.bytes / 1024)) })}</span>
            <time className="num">
              {s.taken_in_at.slice(0, 10)} {timeOf(s.taken_in_at)}
            </time>
            <span className="num faint small">{s.digest}</span>
          </li>
        ))}
      </ul>
      {open.isError && <Refusal error={open.error} />}
    </>
  );
}

/** Adds a scan to the latest revision. Whoever sends a picture is told that what the camera wrote beside it is not kept. */
export function ScanAdd({ unit, at }: { unit: string; at: At }) {
  const { t } = useTranslation();
  const id = useId();
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: async (file: File): Promise<ScanTaken> => {
      if (file.size > BYTES_MAX) throw new Error(t('paper.too_large'));
      const query = { form: at.form, name: file.name };
      const headers = { 'content-type': file.type || 'application/octet-stream' };
      return (await send(`/reports/${encodeURIComponent(unit)}/${at.day}/scan`, { method: 'PUT', query, headers, body: file })).json() as Promise<ScanTaken>;
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['live', 'history', unit] }),
  });
  return (
    <div className="card-pad field" data-scan-add>
      <label htmlFor={id}>{t('paper.scan_add')}</label>
      <input
        id={id}
        type="file"
        accept="application/pdf,image/png,image/jpeg"
        disabled={add.isPending}
        onChange={(e) => {
          const file = e.target.files?.[0];
          if (file) add.mutate(file);
          e.target.value = '';
        }}
      />
      {add.isPending && <p role="status">{t('paper.scan_sending')}</p>}
      {add.data && (
        <p role="status" data-scan-kept={String(add.data.left_out)}>
          ✓ {t('paper.scan_kept', { n: add.data.revision })} {add.data.left_out && t('paper.scan_left_out')}
        </p>
      )}
      {add.isError && (add.error.message === t('paper.too_large') ? <p role="alert" className="mark-bad">▲ {add.error.message}</p> : <Refusal error={add.error} />)}
    </div>
  );
}
