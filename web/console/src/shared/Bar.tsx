// Reported of expected, in one bar: with values, with zero, and the gap, which is hatched so that it reads without colour.
export function Bar({ expected, reported, zero }: { expected: number; reported: number; zero: number }) {
  const part = (n: number) => `${expected ? (n / expected) * 100 : 0}%`;
  return (
    <span className={expected ? 'bar' : 'bar bar-none'} aria-hidden="true">
      <span className="bar-values" style={{ width: part(reported - zero) }} />
      <span className="bar-zero" style={{ width: part(zero) }} />
    </span>
  );
}
