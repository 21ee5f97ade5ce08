// Texts of a superior: take one in, and the list of those that came.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { noticeImport, noticeList, noticeRead, type NoticeListed } from '@/api/notices';
import { useMayInWhole } from '@/shared/about';
import { count } from '@/shared/format';
import { Mark } from '@/shared/Mark';
import { Nothing, Refusal, Show } from '@/shared/State';
import './notice.css';

const LIMIT_MIB = 20;
const KINDS = '.txt,.html,.htm,.docx,.pdf,text/plain,text/html,application/pdf';

function TakeIn() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [over, setOver] = useState(false);
  const [tooLarge, setTooLarge] = useState(false);
  const taken = useMutation({
    mutationFn: noticeImport,
    onSuccess: async (notice) => {
      client.setQueryData(noticeRead(notice.id).queryKey, notice);
      await client.invalidateQueries({ queryKey: noticeList().queryKey });
      void navigate(`/notices/${notice.id}`);
    },
  });
  const take = (file: File | undefined) => {
    if (!file) return;
    const large = file.size > LIMIT_MIB * 1024 * 1024;
    setTooLarge(large);
    taken.reset();
    if (!large) taken.mutate(file);
  };
  return (
    <>
      <label
        className={over ? 'card notice-drop notice-over' : 'card notice-drop'}
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
        <input
          type="file"
          className="visually-hidden"
          accept={KINDS}
          data-file
          onChange={(e) => {
            take(e.target.files?.[0]);
            e.target.value = '';
          }}
        />
        <strong>{taken.isPending ? t('notice.reading') : t('notice.choose')}</strong>
        <span className="faint">{t('notice.kinds', { n: LIMIT_MIB })}</span>
        <span className="faint">{t('notice.no_secrets')}</span>
      </label>
      {tooLarge && <p className="mark-bad">▲ {t('notice.too_large', { n: LIMIT_MIB })}</p>}
      {taken.isError && <Refusal error={taken.error} />}
    </>
  );
}

function Listed({ notice }: { notice: NoticeListed }) {
  const { t } = useTranslation();
  return (
    <li>
      <Link to={`/notices/${notice.id}`} className="notice-item">
        <strong>{notice.title ?? t('notice.untitled')}</strong>
        <span className="faint small num">
          {t(`notice.kind.${notice.kind}`)}
          {notice.meeting_day && ` · ${t('notice.held', { day: notice.meeting_day })}`}
          {notice.published_at && ` · ${t('notice.out', { at: notice.published_at.slice(0, 16).replace('T', ' ') })}`}
          {` · ${t('notice.measures_n', { count: notice.measures })}`}
        </span>
      </Link>
      {notice.open > 0 ? (
        <Mark tone="warn">{t('notice.open_n', { n: count(notice.open), all: count(notice.conjectures) })}</Mark>
      ) : (
        <Mark tone="good">{t('notice.none_open')}</Mark>
      )}
    </li>
  );
}

export default function Notices() {
  const { t } = useTranslation();
  const list = useQuery(noticeList());
  const may = useMayInWhole('notice.import');
  return (
    <main className="page page-narrow">
      <div className="page-head">
        <h1>{t('notice.list')}</h1>
        <span className="faint">{t('notice.list_sub')}</span>
      </div>
      {may && <TakeIn />}
      <Show query={list}>
        {(d) =>
          d.items.length === 0 ? (
            <Nothing>{t('notice.empty')}</Nothing>
          ) : (
            <ul className="card notice-list">
              {d.items.map((notice) => (
                <Listed key={notice.id} notice={notice} />
              ))}
            </ul>
          )
        }
      </Show>
    </main>
  );
}
