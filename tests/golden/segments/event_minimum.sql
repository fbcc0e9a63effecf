SELECT
  "p"."customer_id"
FROM customer_profiles AS p
LEFT JOIN (
  SELECT
    customer_id,
    MIN("nps_score") AS "minimum_nps_score"
  FROM fct_interactions
  WHERE
    NOT customer_id IS NULL AND interaction_date <= $p1
  GROUP BY
    1
) AS j0
  ON j0.customer_id = p.customer_id
WHERE
  (
    "j0"."minimum_nps_score" < $p0 OR "j0"."minimum_nps_score" IS NULL
  )
-- $p0 = 2
-- $p1 = datetime.date(2026, 3, 31)
