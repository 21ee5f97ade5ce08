//! The printer: a brief as PDF, DOCX, XLSX and a long picture.
