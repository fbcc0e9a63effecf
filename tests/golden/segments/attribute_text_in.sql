SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."district" IN ($p0, $p1)
-- $p0 = 'a_b'
-- $p1 = 'Ташкент'
