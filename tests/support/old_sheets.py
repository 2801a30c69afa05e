"""Old binary workbooks (.xls), packed with zlib and written in base 85.

``DISTRICT`` was written by xlwt 1.3: the sheet 金水区 has a title over A1:G1, a header in rows 2 and
3 (位置 in C2:D2 over 经度 and 纬度, the other names each over both rows), three stations in rows 4
to 6 with 金水区 merged over E4:E6 and days from 2024-05-03 on in column F, row 7 with a serial number
and the formula 1/0, and a note in row 8; the hidden sheet 填写说明 holds one line. All is invented.
``FAR`` was written by it too: one sheet with cells in A1 and in IV65536.
"""

DISTRICT = (
    "c-rk)YiLwQ6h1Tev72qO*~BQAVj2Q!O%-e_MFrhdwEo&WTrs|ynCP}C2~k2RsF3(*s1U>!f0>pPTdN4723l=Vi~bP&A;"
    "c=QRS*&-P%3?a#s1LTp7Y(g>t-9lfDJ_UT;|N2GiT0s?#!8)yL)Y*Xz*}<=@4bnQnF~o%Of{Kr?}(=LX5cI^Q0NnVJ=>"
    "dCKcs{c_Ceg&J|n@$r{Rf50R$R_9f;-cere%ZB)IrJykw|v<xvcDT!f;vN`uOea0n9(-BuO_-61a;HO}F9=r;g{oqU3c"
    "2KRSfp~T0LX*d9bp`sO%oUx*m|M`iN>k~I<Z;)>%C~js&5rk)+9p{?nVnBZh?jI_sy)>qav^<15u$ZW^Ad@9%a;#Q2`~"
    "2%`r9ifx*zQ8i{&}}#Of8X{-4qM&=d4wUc_wuL2VQ5B5#wDWbWpq{@RuvOa1W4g0{uUZa%AThb1>`)w=dj-Tj{EI}hm_"
    "Dr6fe5i*9uZ<p3|_1@gE^MlhpE&JHnfrbZ3t_oKFxt*&-O?wwt1D!`3xH`d=MXIW~VdLT?@6UxTeH(^TFTKmUV-1O#Z7"
    "GLT|DNC0{IOqLvhY!AS~4xnuRd1o3s!*6Vf@lo>ebeVT7FFay8GwevyJoXN7lHc9`tytey>@SYT377T}196oLR9^XI24"
    "raz67d{8G{`!hVkNls!ED*Y!kmZM+ehUAU+G+ia#x9eK1{M)2S$1@{=q-l0m2cm;e9yuOHbDR>EQHm+yYPBo3U_QK{v^"
    "v+^GuY+#HXJ@ou=63hJx^K(6@5bkF`{c@@9VI7!iXWy5zFoKQczO2HTs2qq9uoR49@NU5d$+--|K|)0>zIk%Ggo#YJ(6"
    "9|R0RG#dmzlt<HyA~HO4rFal(Bmm{niWELrdwX32u&_t@|n*f}hP(vr(k*u<){FvXKLvHEQVd>N^MXB$5ncuv~RMxWny"
    "(Brq=^!r&^Se-fo-Q!3tpvf1`1)e1fcwhF5#fCS?yqg82{Ire3yzjDDzJ^Q`Bzp`b8%Pm@WCJN;yx2hc97v5olGttYPQ"
    "HcUd;y$_G>(JTXdDMPQG??E=LLh~0OwQS)TePAgX51DoTH2*{$*ZtmVX!ii-A0Yi!wPNUw&kAuS`)H_lt`Vl5KQSh2Wx"
    "q`7kZx04#*yU-2$nY6PONtTxh4V{x?E96IBp)TO1mn9e{|m7$-AgF>bGWIZU<m<NTt9cGorn$;ZTC`UQU(Q`lwcRb+^m"
    "n+UO*JQ~2uk(n@NbYZv=ayE{R({^+pOh=8o$C(TKCb+kMve-6sizzh{9h<k&*&Z0O3jF)b=>*OpE)Y?eV%$??AdLh@#2"
    "q+C(i#F|6e8%YhC"
)
FAR = (
    "c-p&gUhu)fjZzO8(10BSGsD0CoD6J8VvIn{3F8Pb0OkMx2QgtZ2N3@s1w#sOasVTejg?_H?-_Pb9D?HeAp;Y`29|?Bl7"
    "Zn75XUeSF!<%?r7F-7IDy@e$Ov+SEs$hnm;)5yV~_;9N(f9QgGpg9xgM-?514cSi}Zp?TcFwpj8P2d?ftYYps6^5NeL{"
    "+#{e>SJ6O*xu!tdpD8mU*Dz2Zv2vN(*;8>KIm@_yf<XCtZmM{S0%{?_QwJ0&?0fPuI0+%p+{jb2l@CBAr4=9X^(^s640"
    "Vw_hRh%7*_+%y)28ITP{|Vp(-U=*S*DymOIPnhy54gOA;tDQM*$d9A0w{Tv7o3K9fMf~-KbS2DPRRnm()iEHkC%Lt0_@"
    "|#A`Rg38DgR;$YO^742>WiK+SweB|M1G0_)HQlTBb#rNL||Few5|e?VF-KorVwYX+-n0n4fZ?J)*}%l7I>Yz-j0^>yG5"
    "xz@+_nn3nC_lH#?>#o}`WKaTnJO!v91e+Oj7<CwD%>;p+_Ar_en&a<+NlA>{&%q=Bb^m{;NB9~3GH`*Jf?yJ)0$fWmB2"
    "?5dae?Y9po(aqA$Ckc4BJ440m}~r;9?jBqhJ(_f>AIEM!_f;1*2g208on`)aV8EJ3xH`R%pM19XhV_7l{9j4wDR95X6u"
    "VgeAa^sVhSskS=1VBq{xfF|abi%wi-`4{W>;1j2!~7cpcrB!S(LO>+7L_6r%2{X?`y0qSKTQtkgoiaTj+KLBk-y&e"
)
