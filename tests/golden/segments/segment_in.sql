WITH segment_0 AS MATERIALIZED (
  SELECT
    "p"."customer_id"
  FROM customer_profiles AS p
  LEFT JOIN (
    SELECT
      customer_id,
      COUNT(*) AS "row_count"
    FROM fct_payments
    WHERE
      (
        NOT customer_id IS NULL AND paid_date >= $p2
      ) AND paid_date <= $p3
    GROUP BY
      1
  ) AS j0
    ON j0.customer_id = p.customer_id
  WHERE
    "j0"."row_count" >= $p1
)
SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."age_years" > $p0
    AND "p"."customer_id" IN (
      SELECT
        customer_id
      FROM segment_0
    )
  )
-- $p0 = 1
-- $p1 = 2
-- $p2 = datetime.date(2025, 4, 1)
-- $p3 = datetime.date(2026, 3, 31)
