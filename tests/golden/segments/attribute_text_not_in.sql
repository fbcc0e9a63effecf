SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    NOT "p"."district" IN ($p0, $p1) OR "p"."district" IS NULL
  )
-- $p0 = 'a_b'
-- $p1 = 'Ташкент'
