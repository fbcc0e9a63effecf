SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  NOT "p"."customer_id" IN (
    SELECT
      customer_id
    FROM fct_invoices
    WHERE
      (
        NOT customer_id IS NULL AND CAST(issued_date AS DATE) <= $p0
      )
      AND "due_date" < $p0
  )
-- $p0 = datetime.date(2026, 3, 31)
