// Good, warn, bad: a shape and a word, with the colour as the third sign.
import { useTranslation } from 'react-i18next';

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';
const SHAPE: Record<Tone, string> = { good: '●', warn: '◆', bad: '▲', quiet: '○' };

export function Mark({ tone, children }: { tone: Tone; children: React.ReactNode }) {
  return (
    <span className={`mark mark-${tone}`}>
      <span aria-hidden="true">{SHAPE[tone]}</span> {children}
    </span>
  );
}

const TONE: Record<string, Tone> = { expected: 'quiet', values: 'good', zero: 'good', late: 'warn', overdue: 'bad', missing: 'bad', not_asked: 'quiet' };

export function StatusMark({ status }: { status: string }) {
  const { t } = useTranslation();
  return <Mark tone={TONE[status] ?? 'quiet'}>{t(`status.${status}`)}</Mark>;
}
