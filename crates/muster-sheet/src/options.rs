//! What the caller says of a file, the bounds on what is read, and what the bytes turned out to be.

/// What the bytes of a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Office Open XML workbook, as Excel since 2007 and WPS write it, also under the name `.et`.
    Xlsx,
    /// Workbook of Excel 97 to 2003, as old WPS writes it, also under the name `.et`.
    Xls,
    /// Text with delimiters: comma, semicolon or tab.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl Format {
    /// Its short name: `xlsx`, `xls`, `csv`, `ndjson`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// Bounds on what is read. The defaults take a workbook of a million rows, and no more memory than a server can spare.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of the file as it comes.
    pub bytes: usize,
    /// Bytes after unpacking gzip or an archive, and bytes of text in the table.
    pub unpacked: usize,
    /// Rows that are not empty.
    pub rows: usize,
    /// Cells that are not empty: of text that is one digit a cell, they take more memory than the text.
    pub cells: usize,
    /// Columns, counted from the left edge.
    pub columns: usize,
    /// Characters in a cell.
    pub cell_chars: usize,
    /// Cells that merged areas may fill.
    pub merged_cells: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            unpacked: 1 << 30,
            rows: 2_000_000,
            cells: 64_000_000,
            columns: 1_024,
            cell_chars: 32_767,
            merged_cells: 1_000_000,
        }
    }
}

impl Limits {
    /// For a file that comes in at a server's door, where it shares the memory with all who are served meanwhile: 100,000
    /// rows of forty columns with room to spare. Larger files come in on the command line.
    pub fn of_upload() -> Self {
        Self { unpacked: 128 << 20, rows: 500_000, cells: 8_000_000, ..Self::default() }
    }
}

/// What the caller knows of the file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The sheet of a workbook to read; otherwise the first visible one that is not empty.
    pub sheet: Option<String>,
    /// Whether to tell how far each cell is moved in ([`crate::Cell::indent`]): only where levels are told by that.
    pub indents: bool,
    /// The encoding of a text file by its WHATWG label (`gb18030`, `big5`); otherwise it is found out.
    pub encoding: Option<String>,
    /// Bounds.
    pub limits: Limits,
}
