// What the text is: its sort and why, the meeting it tells of, and the measures, none of which has an owner yet.
import { useTranslation } from 'react-i18next';
import type { Meeting, Notice, Place } from '@/api/notices';
import { useDayText } from '@/shared/format';
import { Mark } from '@/shared/Mark';

function Kind({ notice }: { notice: Notice }) {
  const { t } = useTranslation();
  return (
    <section className="card card-pad" data-kind={notice.kind}>
      <h2>{t(`notice.kind.${notice.kind}`)}</h2>
      <ul className="notice-reasons">
        {notice.kind_reasons.map((r) => (
          <li key={r.feature}>
            <Mark tone={r.found ? 'good' : 'quiet'}>{r.reason}</Mark>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Texts({ places }: { places: Place[] }) {
  return (
    <>
      {places.map((p) => (
        <span key={p.start} className="notice-name">
          {p.text}
        </span>
      ))}
    </>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function MeetingCard({ meeting, notice }: { meeting: Meeting; notice: Notice }) {
  const { t } = useTranslation();
  const dayText = useDayText();
  const later = meeting.published_after_days ?? 0;
  return (
    <section className="card card-pad" data-meeting>
      <h2>{t('notice.meeting.title')}</h2>
      <dl className="notice-facts">
        {meeting.said_day && (
          <Fact label={t('notice.meeting.day')}>
            {meeting.day && <span className="notice-name">{dayText(meeting.day)}</span>}
            <span className="small faint">{t('notice.meeting.said', { text: meeting.said_day.text })}</span>
          </Fact>
        )}
        {meeting.series_no !== null && <Fact label={t('notice.meeting.series')}>{t('notice.meeting.series_n', { n: meeting.series_no })}</Fact>}
        {meeting.bodies.length > 0 && (
          <Fact label={t('notice.meeting.bodies')}>
            <Texts places={meeting.bodies} />
          </Fact>
        )}
        {(meeting.chair_name || meeting.chair_posts.length > 0) && (
          <Fact label={t('notice.meeting.chair')}>
            {meeting.chair_name && <strong className="notice-name">{meeting.chair_name.text}</strong>}
            <Texts places={meeting.chair_posts} />
          </Fact>
        )}
        {meeting.present.length > 0 && (
          <Fact label={t('notice.meeting.present')}>
            <Texts places={meeting.present} />
          </Fact>
        )}
        {meeting.attending.length > 0 && (
          <Fact label={t('notice.meeting.attending')}>
            <Texts places={meeting.attending} />
          </Fact>
        )}
        {notice.published_at && (
          <Fact label={t('notice.meeting.published')}>
            <span className="num">{notice.published_at.replace('T', ' ')}</span>
            {notice.publisher && ` · ${notice.publisher}`}
            {later > 0 && <span className="notice-after">{t('notice.meeting.after_n', { count: later })}</span>}
          </Fact>
        )}
      </dl>
    </section>
  );
}

/** The heading of a measure is its first sentence. */
const heading = (text: string) => text.split('\u3002')[0]!.trim();

function Measures({ notice }: { notice: Notice }) {
  const { t } = useTranslation();
  if (notice.measures.length === 0) return null;
  return (
    <section className="card card-pad" data-measures>
      <h2>{t('notice.measures_n', { count: notice.measures.length })}</h2>
      <ol className="notice-measures">
        {notice.measures.map((m) => (
          <li key={m.n}>
            <a href={`#measure-${m.n}`}>
              <b className="num">{m.n}</b>
              <span>{heading(m.text)}</span>
            </a>
            <p className="small">
              <span title={m.scope_reason}>{t(`notice.scope.${m.scope}`)}</span> · <span className="faint">{m.owner ?? t('notice.no_owner')}</span>
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

export function NoticeFacts({ notice }: { notice: Notice }) {
  return (
    <aside className="notice-aside">
      <Kind notice={notice} />
      {notice.meeting && <MeetingCard meeting={notice.meeting} notice={notice} />}
      <Measures notice={notice} />
    </aside>
  );
}
