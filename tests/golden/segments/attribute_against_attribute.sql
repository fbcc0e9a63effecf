SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."data_mb_last_month" < "p"."data_mb_avg_3m"
    AND (
      "p"."debt_amount" <> "p"."arpu_3m"
      OR (
        "p"."debt_amount" IS NULL OR "p"."arpu_3m" IS NULL
      )
    )
  )
