SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."birth_date" < $p0 OR "p"."birth_date" > $p1
  )
-- $p0 = datetime.date(2023, 3, 1)
-- $p1 = datetime.date(2026, 2, 28)
