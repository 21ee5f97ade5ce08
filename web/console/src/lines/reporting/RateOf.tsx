import type { RateParts } from '@/api/generated.schemas';
import { count, type Num } from '@/shared/format';
import './rate.css';

/** What a rate is made of: its two numbers by name, each with how many of the base said it. That they are not the same ones
 * is seen here only; beside the rate stands the smaller count. `short`: in a table of many, whose rate is named once. */
export function RateOf({ rate, base, short }: { rate: RateParts; base?: Num; short?: boolean }) {
  const part = (name: string, n: Num, said: Num) => (
    <span className="rate-part">
      {!short && `${name} `}
      {count(n)}
      {said !== null && said !== undefined && ` (${count(said)}/${count(base)})`}
    </span>
  );
  return (
    <span className="rate-of num faint">
      {part(rate.numerator_name, rate.numerator, rate.numerator_said)} ÷ {part(rate.denominator_name, rate.denominator, rate.denominator_said)}
    </span>
  );
}
