// Original and readable text side by side, row by row. Point at any character and its other side lights up.
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conjecture, Measure, Notice } from '@/api/notices';
import { FURNITURE, furnitureOf, rowsOf, type Piece, type Row } from './rows';

export type Left = 'received' | 'repaired';

const gap = '\u2038';

function LeftPiece({ piece, left }: { piece: Piece; left: Left }) {
  const { span, swap, covered, missing, i } = piece;
  const text = left === 'received' ? span.text : span.repaired;
  const names = ['sp', `sp-${left === 'received' ? span.kind : 'kept'}`, swap || covered ? 'sp-swapped' : ''];
  return (
    <>
      {missing.map((c) => (
        <span key={c.n} className="sp-gap" data-at={c.n} aria-hidden="true">
          {gap}
        </span>
      ))}
      {text && (
        <span className={names.filter(Boolean).join(' ')} data-i={i}>
          {text}
        </span>
      )}
    </>
  );
}

function ConjectureMark({ c }: { c: Conjecture }) {
  const { t } = useTranslation();
  const shown = {
    open: (
      <>
        {c.original && <s>{c.original}</s>}
        {c.proposed}
      </>
    ),
    accepted: c.proposed,
    refused: c.original || gap,
  }[c.state];
  return (
    <button type="button" className={`cj cj-${c.state}`} data-cj={c.n} aria-haspopup="dialog" aria-label={t('notice.cj.label', { n: c.n, proposed: c.proposed, state: t(`notice.cj.${c.state}`) })}>
      {shown}
    </button>
  );
}

function RightPiece({ piece }: { piece: Piece }) {
  const { span, swap, covered, missing, i } = piece;
  return (
    <>
      {missing.map((c) => (
        <ConjectureMark key={c.n} c={c} />
      ))}
      {swap && <ConjectureMark c={swap} />}
      {!swap && !covered && span.readable && (
        <span className={span.kind === 'decoded' ? 'sp sp-decoded' : 'sp'} data-i={i}>
          {span.readable}
        </span>
      )}
    </>
  );
}

function MeasureHead({ measure }: { measure: Measure }) {
  const { t } = useTranslation();
  return (
    <p className="notice-measure-head" id={`measure-${measure.n}`}>
      <b>{t('notice.measure_n', { n: measure.n })}</b>
      <span className="notice-scope">{t(`notice.scope.${measure.scope}`)}</span>
      <span className="small faint">{measure.scope_reason}</span>
      <span className="notice-owner">○ {measure.owner ?? t('notice.no_owner')}</span>
    </p>
  );
}

function Furniture({ row }: { row: Row }) {
  const { t } = useTranslation();
  return (
    <p className="notice-left-out">
      {t('notice.left_out')}
      {furnitureOf(row).map(({ part, value }) => (
        <span key={part}>
          {t(`notice.part.${part}`)} <b className="num">{value ?? t('notice.part.empty')}</b>
        </span>
      ))}
    </p>
  );
}

function OneRow({ row, left, measure }: { row: Row; left: Left; measure?: Measure }) {
  const furniture = FURNITURE.has(row.part);
  return (
    <div className={`notice-row notice-row-${furniture ? 'furniture' : row.part}`} data-part={row.part}>
      {measure && <MeasureHead measure={measure} />}
      <div className="notice-cell notice-original" lang="zh">
        {row.pieces.map((piece) => (
          <LeftPiece key={piece.i} piece={piece} left={left} />
        ))}
      </div>
      <div className="notice-cell notice-readable" lang="zh-Hans">
        {furniture ? <Furniture row={row} /> : row.pieces.map((piece) => <RightPiece key={piece.i} piece={piece} />)}
      </div>
    </div>
  );
}

export const NoticeText = memo(function NoticeText({ notice, left }: { notice: Notice; left: Left }) {
  const rows = rowsOf(notice.spans, notice.conjectures);
  return (
    <>
      {rows.map((row) => (
        <OneRow key={row.key} row={row} left={left} measure={row.part === 'measure' ? notice.measures.find((m) => m.n === row.measure) : undefined} />
      ))}
    </>
  );
});
