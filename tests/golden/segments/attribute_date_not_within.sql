SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    (
      "p"."birth_date" < $p0 OR "p"."birth_date" > $p1
    )
    OR "p"."birth_date" IS NULL
  )
-- $p0 = datetime.date(2025, 4, 1)
-- $p1 = datetime.date(2026, 3, 31)
