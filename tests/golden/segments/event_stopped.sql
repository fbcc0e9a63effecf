SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."customer_id" IN (
      SELECT
        customer_id
      FROM fct_payments
      WHERE
        (
          NOT customer_id IS NULL AND paid_date >= $p0
        ) AND paid_date <= $p1
    )
    AND NOT "p"."customer_id" IN (
      SELECT
        customer_id
      FROM fct_payments
      WHERE
        (
          NOT customer_id IS NULL AND paid_date >= $p2
        ) AND paid_date <= $p3
    )
  )
-- $p0 = datetime.date(2025, 10, 1)
-- $p1 = datetime.date(2026, 2, 28)
-- $p2 = datetime.date(2026, 3, 2)
-- $p3 = datetime.date(2026, 3, 31)
