import { useTranslation } from 'react-i18next';
import type { ChangePreview, CodedBody } from '@/api/generated.schemas';
import { DeedForm, Noted, type Deed } from '@/shared/deed';
import { count, useDayText } from '@/shared/format';
import { useLabel, type FormProps } from './parts';

const COUNTS = ['opened', 'closed', 'moved', 'carried', 'changed', 'later'] as const;

/** What a change of the tree would do on its first day, as the server foresees it. */
function Foreseen({ preview, says }: { preview: ChangePreview; says: React.ReactNode }) {
  const { t } = useTranslation();
  const dayText = useDayText();
  const counted = COUNTS.filter((c) => preview[c] > 0);
  const all = counted.reduce((sum, c) => sum + preview[c], 0);
  const name = (u: CodedBody) => u.name || u.code;
  return (
    <>
      <p>
        {t('change.from_day', { day: dayText(preview.day) })} <b>{counted.length ? counted.map((c) => t(`change.count.${c}`, { n: count(preview[c]) })).join(t('list.comma')) : t('change.count.none')}</b>
      </p>
      <ul className="change-list">
        {says}
        {preview.units.map((u) => (
          <li key={u.unit.code}>
            {name(u.unit)} <span className="faint num">{u.unit.code}</span> · {t(`change.becomes.${u.becomes}`)}
            {u.becomes === 'moved' && u.from && u.to && (
              <>
                {' '}
                {name(u.from)} → <b>{name(u.to)}</b>
              </>
            )}
          </li>
        ))}
      </ul>
      <Noted findings={preview.findings} />
      {all > preview.units.length && <p className="faint">{t('change.more', { count: all - preview.units.length })}</p>}
    </>
  );
}

const foreseen = (preview: ChangePreview, says: React.ReactNode) => <Foreseen preview={preview} says={says} />;

type Props = Pick<FormProps, 'anew'> & { deed: Deed | null; says?: string[]; after: string; children: React.ReactNode };

/** A change of the tree, which the server foresees. */
export function TreeForm(props: Props) {
  const label = useLabel();
  return <DeedForm<ChangePreview> {...props} label={label} foreseen={foreseen} />;
}
