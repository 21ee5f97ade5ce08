//! Two databases, one door: writes, reads, journal, totals, migrations. Knows no mission noun.
