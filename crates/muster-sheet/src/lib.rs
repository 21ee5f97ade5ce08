//! Workbooks and tables: bytes to rows with cell addresses, and back. Knows no mission noun.
