// Units, with who may do what at each: the tree is one line's, roles are another's.
import type { UnitBody } from '@/api/generated.schemas';
import { Granted } from '@/lines/access/granted/Granted';
import Units from '@/lines/org/Units';

const beside = (unit: UnitBody) => <Granted u={unit} />;

export default function UnitsPage() {
  return <Units beside={beside} />;
}
