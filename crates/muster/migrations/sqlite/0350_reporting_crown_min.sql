-- As it was; on PostgreSQL it is less.
update book_epoch set crown_min = 256 where id = 1;
